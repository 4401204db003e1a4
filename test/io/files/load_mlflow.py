"""Loads an exported version with MLflow in both flavors and prints what it predicts: EXPORT EXAMPLES.json."""

import json
import sys

import mlflow.onnx
import mlflow.pyfunc
import numpy as np
import onnxruntime
import pandas as pd

export, examples = sys.argv[1:]
with open(examples) as file:
    columns = json.load(file)

model = mlflow.onnx.load_model(export)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
feed = {}
for tensor in session.get_inputs():
    text = tensor.type == "tensor(string)"
    missing = "" if text else np.nan
    values = [[missing if value is None else value] for value in columns[tensor.name]]
    feed[tensor.name] = np.array(values, dtype=str if text else np.float32)
frame = pd.DataFrame({name: values[:, 0] for name, values in feed.items()})

pyfunc = mlflow.pyfunc.load_model(export)
print(
    json.dumps(
        {
            "inputs": pyfunc.metadata.get_input_schema().input_names(),
            "outputs": pyfunc.metadata.get_output_schema().input_names(),
            "predictions": {
                "onnx": session.run(None, feed)[0].tolist(),
                "tensors": {name: values.tolist() for name, values in pyfunc.predict(feed).items()},
                "frame": {name: values.tolist() for name, values in pyfunc.predict(frame).items()},
            },
        }
    )
)
