-- Events about the incidents and requests of one model that are in the outbox.
SELECT DISTINCT event_id
FROM outbox
WHERE topic IN {topics:Array(String)}
    AND key IN
    (
        SELECT toString(incident_id) FROM incidents WHERE model = {model:String}
        UNION ALL
        SELECT toString(request_id) FROM retrain_requests WHERE model = {model:String}
    )
