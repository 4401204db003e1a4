"""A trainer in Python: scikit-learn's histogram boosting, exported with skl2onnx.

    python -m venv venv && venv/bin/pip install -r deploy/trainers/python/requirements.txt
    npm run -s driftwatch -- train --trainer "$PWD/venv/bin/python $PWD/deploy/trainers/python/trainer.py"

driftwatch starts it in an empty directory with the path of job.json as its last argument. It reads the Parquet snapshot
named there and leaves model.onnx and metrics.json. Lines on standard output that are JSON objects are progress. What it
must keep to:

- train only on rows with an event time before `train_before`: the rest is for validation, which driftwatch does itself;
- one input per feature, named as the feature, of shape [N, 1]: float for numeric (NaN is missing), string for
  categorical ('' is missing);
- one float output called `probability` of shape [N, 1], P(label = 1). This one learns labels of yes or no only; where
  `task` is `multiclass` the output is `probabilities` [N, classes] in the order of `fields.classes`, where it is
  `regression` it is `prediction` [N, 1].

Settings under `trainer:` of the model in driftwatch.yaml arrive in `settings`.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import pandas as pd
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

DEFAULTS = {"rounds": 100, "learningRate": 0.1, "maxLeaves": 31, "minRowsPerLeaf": 20, "l2": 1.0, "topK": 30}


def examples(job):
    """Rows that may be trained on and have a usable label, in the order of time: float32 numbers with NaN, texts with ''."""
    fields = job["fields"]
    table = pd.read_parquet(job["snapshot"]["path"])
    time = pd.to_datetime(table[fields["event_time"]], utc=True)
    ids = table[fields["id"]]
    later = time >= pd.Timestamp(job["train_before"])
    ours = ~later & ~ids.isin(ids[later])
    if "train_from" in job:
        ours &= time >= pd.Timestamp(job["train_from"])
    table = table[ours & table[fields["label"]].isin([0, 1])].sort_values(fields["event_time"], kind="stable")
    x = pd.DataFrame(index=table.index)
    for name in fields["numeric"]:
        column = table[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            column = (column - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(milliseconds=1)
        x[name] = pd.to_numeric(column, errors="coerce").astype(np.float32)
    for name in fields["categorical"]:
        x[name] = table[name].astype(object).where(table[name].notna(), "").astype(str)
    return x, table[fields["label"]].astype(int).to_numpy()


def pipeline(job, settings):
    one_hot = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=settings["topK"], sparse_output=False)
    columns = ColumnTransformer(
        [
            ("numeric", "passthrough", job["fields"]["numeric"]),
            ("categorical", one_hot, job["fields"]["categorical"]),
        ]
    )
    boosting = HistGradientBoostingClassifier(
        max_iter=settings["rounds"],
        learning_rate=settings["learningRate"],
        max_leaf_nodes=settings["maxLeaves"],
        min_samples_leaf=settings["minRowsPerLeaf"],
        l2_regularization=settings["l2"],
        early_stopping=False,
        random_state=job["seed"],
    )
    return Pipeline([("columns", columns), ("boosting", boosting)])


def exported(model, job):
    """The pipeline as ONNX, with the probability of label 1 as its output."""
    fields = job["fields"]
    inputs = [(name, FloatTensorType([None, 1])) for name in fields["numeric"]]
    inputs += [(name, StringTensorType([None, 1])) for name in fields["categorical"]]
    file = to_onnx(model, initial_types=inputs, options={"zipmap": False}, target_opset={"": 17, "ai.onnx.ml": 3})
    both = file.graph.output[1].name
    file.graph.initializer.append(helper.make_tensor("_one", TensorProto.INT64, [1], [1]))
    file.graph.node.append(helper.make_node("Gather", [both, "_one"], ["probability"], axis=1))
    del file.graph.output[:]
    file.graph.output.append(helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None, 1]))
    onnx.checker.check_model(file)
    return file.SerializeToString(deterministic=True)


def main(path):
    job = json.loads(pathlib.Path(path).read_text())
    if job.get("task", "classification") != "classification":
        sys.exit(f"this trainer learns labels of yes or no, not {job['task']}")
    unknown = sorted(set(job["settings"]) - set(DEFAULTS))
    if unknown:
        sys.exit(f"settings: {', '.join(unknown)} unknown; known are {', '.join(DEFAULTS)}")
    settings = DEFAULTS | job["settings"]
    x, y = examples(job)
    if len(set(y)) < 2:
        sys.exit(f"the {len(y)} training rows have one class only")
    print(json.dumps({"rows": len(y), "of": settings["rounds"]}), flush=True)
    model = pipeline(job, settings).fit(x, y)
    loss = log_loss(y, model.predict_proba(x)[:, 1])
    metrics = {"format": 1, "config": settings, "metrics": {"training_log_loss": {"value": float(loss), "n": len(y)}}}
    output = pathlib.Path(job["output"])
    (output / "model.onnx").write_bytes(exported(model, job))
    (output / "metrics.json").write_text(json.dumps(metrics))


if __name__ == "__main__":
    main(sys.argv[-1])
