-- Wasserstein-1 of the rows themselves, sorted in the database: the area between the two distribution functions, and the
-- standard deviation of the reference. Null, NaN and infinities are left out.
SELECT sum(abs(_below / _n - _below_current / _m) * _width) AS value, any(_n) AS n, any(_m) AS m, any(_sd) AS sd
FROM
(
    SELECT
        sum(_a) OVER (ORDER BY _x ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _below,
        sum(_b) OVER (ORDER BY _x ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _below_current,
        leadInFrame(_x, 1, _x) OVER (ORDER BY _x ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) - _x AS _width,
        sum(_a) OVER () AS _n,
        sum(_b) OVER () AS _m,
        sqrt(sum(_a * (_x - _mean) * (_x - _mean)) OVER () / _n) AS _sd
    FROM
    (
        SELECT _x, _a, _b, sum(_a * _x) OVER () / sum(_a) OVER () AS _mean
        FROM
        (
            SELECT _x, toInt64(countIf(_side = 0)) AS _a, toInt64(countIf(_side = 1)) AS _b
            FROM
            (
                /* INCLUDE two-samples */
            )
            WHERE isFinite(_x)
            GROUP BY _x
        )
    )
)
HAVING n > 0 AND m > 0
