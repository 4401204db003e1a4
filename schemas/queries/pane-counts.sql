-- Panes of a range of event time as the decisions read them: the exact revision named in pane_revisions.
SELECT
    p.pane_start AS pane_start,
    p.segment AS segment,
    p.feature AS feature,
    p.n AS n,
    p.codes AS codes,
    p.counts AS counts,
    p.finite AS finite,
    p.total AS total,
    p.squares AS squares,
    p.minimum AS minimum,
    p.maximum AS maximum,
    p.distinct AS distinct,
    p.below AS below,
    p.above AS above,
    p.unexpected AS unexpected,
    p.unexpected_values AS unexpected_values
FROM panes AS p FINAL
INNER JOIN
(
    SELECT pane_start, revision
    FROM pane_revisions FINAL
    WHERE model = {model:String} AND stream = {stream:String} AND bins_id = {bins_id:String}
        AND pane_start >= {from:DateTime64(3, 'UTC')} AND pane_start < {until:DateTime64(3, 'UTC')}
) AS r ON p.pane_start = r.pane_start AND p.revision = r.revision
WHERE p.model = {model:String} AND p.stream = {stream:String} AND p.bins_id = {bins_id:String}
    AND p.pane_start >= {from:DateTime64(3, 'UTC')} AND p.pane_start < {until:DateTime64(3, 'UTC')}
ORDER BY pane_start, feature, segment
