0 AS _no_profile
            /* EACH timestamp  */,
            toFloat64({moment:Identifier}) * {times:Float64} / {per:Float64} AS {seconds:Identifier},
            if(isNull({seconds:Identifier}), NULL, leftPad(toString(toUInt8(floor(({seconds:Identifier} - floor({seconds:Identifier} / 86400) * 86400) / 3600))), 2, '0')) AS {hour:Identifier},
            if(isNull({seconds:Identifier}), NULL,
                ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][
                    toUInt8(floor(assumeNotNull({seconds:Identifier}) / 86400) + 3 - floor((floor(assumeNotNull({seconds:Identifier}) / 86400) + 3) / 7) * 7) + 1]) AS {weekday:Identifier},
            toFloat64(event_time) - {seconds:Identifier} AS {age:Identifier}
            /* END */
            /* EACH text  */,
            lengthUTF8(toString({words:Identifier})) AS {length:Identifier},
            multiIf(
                isNull({words:Identifier}), NULL,
                match(trimBoth(lower(assumeNotNull(toString({words:Identifier})))), '^(null|nil|none|nan|n/?a|undefined|unknown|missing|[-?]*)$'), 'null-like',
                match(assumeNotNull(toString({words:Identifier})), '^[0-9]+$'), 'digits',
                match(assumeNotNull(toString({words:Identifier})), '^[-+]?[0-9]*[.,]?[0-9]+([eE][-+]?[0-9]+)?$'), 'number',
                match(assumeNotNull(toString({words:Identifier})), '^[a-z]+$'), 'small letters',
                match(assumeNotNull(toString({words:Identifier})), '^[A-Z]+$'), 'capitals',
                match(assumeNotNull(toString({words:Identifier})), '^[A-Za-z ]+$'), 'letters',
                match(assumeNotNull(toString({words:Identifier})), '^[A-Za-z0-9 _-]+$'), 'letters and digits',
                match(assumeNotNull(toString({words:Identifier})), '^[\\x20-\\x7e]*$'), 'printable ASCII',
                match(assumeNotNull(toString({words:Identifier})), '[\\x00-\\x08\\x0e-\\x1f\\x7f]'), 'control characters',
                match(assumeNotNull(toString({words:Identifier})), '^[\\x00-\\x7f]*$'), 'lines',
                'beyond ASCII') AS {characters:Identifier}
            /* END */
            /* EACH embedding  */,
            arrayMap(_item -> ifNull(toFloat64(_item), 0.), {vector:Identifier}) AS {items:Identifier},
            toFloat64(length({vector:Identifier})) AS {size:Identifier},
            sqrt(arraySum(_item -> _item * _item, {items:Identifier})) AS {norm:Identifier},
            arraySum((_item, _at) -> if(bitCount(bitAnd(_at - 1, 1)) % 2 = 0, _item, -_item), {items:Identifier}, arrayEnumerate({items:Identifier})) / {norm:Identifier} AS {first:Identifier},
            arraySum((_item, _at) -> if(bitCount(bitAnd(_at - 1, 6)) % 2 = 0, _item, -_item), {items:Identifier}, arrayEnumerate({items:Identifier})) / {norm:Identifier} AS {second:Identifier},
            arraySum((_item, _at) -> if(bitCount(bitAnd(_at - 1, 27)) % 2 = 0, _item, -_item), {items:Identifier}, arrayEnumerate({items:Identifier})) / {norm:Identifier} AS {third:Identifier},
            arraySum({items:Identifier}) / {norm:Identifier} AS {mean:Identifier}
            /* END */
