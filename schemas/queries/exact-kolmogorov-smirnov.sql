-- Two-sample Kolmogorov-Smirnov of the rows themselves, sorted in the database: the largest gap between the shares of
-- rows at or below a value, as a whole number of n * m. Infinities are at the ends; null and NaN have no place.
SELECT toFloat64(max(abs(_below * _m - _below_current * _n))) AS gap, any(_n) AS n, any(_m) AS m
FROM
(
    SELECT
        sum(_a) OVER (ORDER BY _x ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _below,
        sum(_b) OVER (ORDER BY _x ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _below_current,
        sum(_a) OVER () AS _n,
        sum(_b) OVER () AS _m
    FROM
    (
        SELECT _x, toInt64(countIf(_side = 0)) AS _a, toInt64(countIf(_side = 1)) AS _b
        FROM
        (
            /* INCLUDE two-samples */
        )
        WHERE NOT isNaN(_x)
        GROUP BY _x
    )
)
HAVING n > 0 AND m > 0
