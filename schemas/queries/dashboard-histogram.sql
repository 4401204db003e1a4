-- Rows per bin code of one feature over a range of panes, at the revisions named in pane_revisions.
SELECT code, sum(c) AS rows
FROM panes AS p FINAL
INNER JOIN
(
    SELECT pane_start, revision
    FROM pane_revisions FINAL
    WHERE model = {model:String} AND stream = {stream:String} AND bins_id = {bins_id:String}
        AND pane_start >= {from:DateTime64(3, 'UTC')} AND pane_start < {until:DateTime64(3, 'UTC')}
) AS r ON p.pane_start = r.pane_start AND p.revision = r.revision
ARRAY JOIN p.codes AS code, p.counts AS c
WHERE p.model = {model:String} AND p.stream = {stream:String} AND p.bins_id = {bins_id:String}
    AND p.pane_start >= {from:DateTime64(3, 'UTC')} AND p.pane_start < {until:DateTime64(3, 'UTC')}
    AND p.segment = {segment:String} AND p.feature = {feature:String}
GROUP BY code
ORDER BY code
