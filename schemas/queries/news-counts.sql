-- What has happened to one model so far, in numbers: cheap enough to ask for every day of a replay.
SELECT
    (SELECT count() FROM incidents WHERE model = {model:String})
        + (SELECT count() FROM retrain_requests WHERE model = {model:String})
        + (SELECT count() FROM model_versions WHERE model = {model:String}) AS happenings,
    (
        SELECT count()
        FROM retrain_requests FINAL
        WHERE model = {model:String} AND requested <= {until:DateTime64(3, 'UTC')}
            AND request_id NOT IN (SELECT request_id FROM model_versions FINAL WHERE model = {model:String})
    ) AS pending,
    (
        SELECT any(version)
        FROM
        (
            SELECT version
            FROM model_versions FINAL
            WHERE model = {model:String} AND status = 'accepted' AND created <= {until:DateTime64(3, 'UTC')}
            ORDER BY created DESC, version DESC
            LIMIT 1
        )
    ) AS champion
