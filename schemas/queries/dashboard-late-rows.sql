-- Rows of one window that no verdict rests on: later than allowed_lateness, or waiting to be judged.
SELECT sum(late) AS late
FROM late_rows
WHERE model = {model:String} AND topic = {topic:String} AND pane_start = {window_start:DateTime64(3, 'UTC')}
