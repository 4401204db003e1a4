-- Retrain requests that the trainer has not answered yet.
SELECT toString(request_id) AS request_id, cause
FROM retrain_requests FINAL
WHERE model = {model:String}
    AND request_id NOT IN (SELECT request_id FROM model_versions FINAL WHERE model = {model:String})
