SELECT assumeNotNull(toFloat64({feature:Identifier})) + 0. AS _x, 0 AS _side
            FROM {reference_table:Identifier} FINAL
            WHERE event_time >= {reference_from:DateTime64(3, 'UTC')} AND event_time < {reference_until:DateTime64(3, 'UTC')}
                AND isNotNull({feature:Identifier})
                /* EACH only  */ AND ifNull(toString({segment:Identifier}), 'null') = {segment_value:String} /* END */
            UNION ALL
            SELECT assumeNotNull(toFloat64({feature:Identifier})) + 0. AS _x, 1 AS _side
            FROM {current_table:Identifier} FINAL
            WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
                AND isNotNull({feature:Identifier})
                /* EACH only  */ AND ifNull(toString({segment:Identifier}), 'null') = {segment_value:String} /* END */
