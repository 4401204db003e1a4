-- A page of what drift_history shows, newest window first. The view's rule (newest revision of each answer) is
-- repeated here because a condition on the view would be tried only after it had put all of it in order. The long
-- column, detail, is read for the rows of the page only.
WITH page AS
(
    SELECT *
    FROM
    (
        SELECT kind, feature, segment, window_start, window_end, verdict, statistic, value, p_value, effect,
            effect_unit, n, m, need, version, revision, verdict_id
        FROM verdicts FINAL
        WHERE model = {model:String}
            AND ({kind:String} = '' OR kind = {kind:String})
            AND ({feature:String} = '' OR feature = {feature:String})
            AND ({any_segment:Bool} OR segment = {segment:String})
            AND window_start >= {from:DateTime64(3, 'UTC')} AND window_start < {until:DateTime64(3, 'UTC')}
        ORDER BY revision DESC
        LIMIT 1 BY kind, window_start, feature, segment, statistic
    )
    WHERE {verdict:String} = '' OR verdict = {verdict:String}
    ORDER BY window_start DESC, kind, feature, segment, statistic
    LIMIT {limit:UInt32} OFFSET {offset:UInt32}
)
SELECT page.*, JSONExtractString(details.detail, 'evidence') AS evidence
FROM page
INNER JOIN
(
    SELECT verdict_id, detail
    FROM verdicts FINAL
    WHERE model = {model:String} AND verdict_id IN (SELECT verdict_id FROM page)
) AS details ON page.verdict_id = details.verdict_id
ORDER BY window_start DESC, kind, feature, segment, statistic
