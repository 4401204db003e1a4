"""Alarms of River 0.26.1 at its defaults for each line of bits on standard input, as JSON lines."""
import json
import sys

from river import drift
from river.drift import binary

MAKE = {
    "ADWIN": drift.ADWIN,
    "PageHinkley": drift.PageHinkley,
    "DDM": binary.DDM,
    "EDDM": binary.EDDM,
    "HDDM_A": binary.HDDMA,
    "HDDM_A two-sided": lambda: binary.HDDMA(two_sided_test=True),
    "HDDM_W": binary.HDDMW,
    "HDDM_W two-sided": lambda: binary.HDDMW(two_sided_test=True),
    "FHDDM": binary.FHDDM,
}


def alarms(make, bits):
    detector = make()
    found = []
    for index, bit in enumerate(bits):
        detector.update(bit)
        if detector.drift_detected:
            found.append(index)
    return found


for line in sys.stdin:
    bits = [int(c) for c in line.strip()]
    print(json.dumps({name: alarms(make, bits) for name, make in MAKE.items()}))
