"""Run by the Python that has Helm: what Helm says of a chart, what it renders, and what the schemas say of that.

`chart_in_helm.py CHART`, values as JSON on standard input; the answer is JSON.
"""

import json
import sys

import helm_python
import kubernetes_validate
import yaml

KUBERNETES = ("1.30.0", "1.37.0")


def main(chart: str) -> None:
    values = json.load(sys.stdin)
    answer = {"lint": [], "objects": [], "faults": [], "refused": ""}
    answer["lint"] = helm_python.lint(chart, values, strict=True, namespace="tuan")
    try:
        loaded = helm_python.Chart.load(chart)
        loaded.validate_schema(values)
        rendered = loaded.render(values, name="tuan", namespace="tuan")
        answer["objects"] = [each for text in rendered.values() for each in yaml.safe_load_all(text) if each]
    except helm_python.HelmError as refused:
        answer["refused"] = str(refused)
    for each in answer["objects"]:
        for version in KUBERNETES:
            try:
                kubernetes_validate.validate(each, version, strict=True)
            except kubernetes_validate.ValidationError as fault:
                answer["faults"].append(f"{each['kind']} {each['metadata']['name']}: {fault.message} ({version})")
    json.dump(answer, sys.stdout)


main(sys.argv[1])
