"""The files of a dataset folder: index.json, eforms.json, and links from subject folders to studies in the datalake.

The shapes are those of the platform's published schemas (index.schema.json and eforms.schema.json of its dataset
service): a list of studies with the selected series of each, and a list of subjects with their clinical form.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dataset_plan import DatasetPlan, Study, Subject


def write_platform_files(plan: DatasetPlan, folder: Path, link_root: Path) -> None:
    """Fills `folder`; the links name the datalake as readers of the dataset see it, under `link_root`."""
    for study in plan.studies:
        link = folder / study.path
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(link_root / plan.id / study.path, target_is_directory=True)
    subjects = {study.subject.name: study for study in plan.studies}
    write_json(folder / "eforms.json", [clinical_form(study.subject, study) for study in subjects.values()])
    write_json(folder / "index.json", [index_entry(study) for study in plan.studies])


def index_entry(study: Study) -> dict[str, Any]:
    return {
        "studyId": study.id,
        "studyName": study.name,
        "subjectName": study.subject.name,
        "path": study.path,
        "series": [{"folderName": series.folder, "tags": list(series.tags)} for series in study.series],
        "url": f"https://example.org/studies?id={study.id}",
    }


def clinical_form(subject: Subject, study: Study) -> dict[str, Any]:
    baseline = f"{study.date[:4]}-{study.date[4:6]}-{study.date[6:]}"
    return {
        "subjectName": subject.name,
        "eForm": {
            "metaproject": "Synthetic",
            "chaimeleon_patient_id": subject.name,
            "pages": [
                page(
                    "inclusion_criteria",
                    {
                        "baseline_date": field("Date of the first image", baseline, "datepicker"),
                        "age_at_diagnosis": field("Age at the first image, in years", subject.age, "integer"),
                    },
                ),
                page(
                    "patient_data",
                    {"gender": field("Gender", {"M": "MALE", "F": "FEMALE"}[subject.sex], "radio")},
                ),
            ],
        },
    }


def page(name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"page_name": name, "page_label": name.replace("_", " ").capitalize(), "page_data": data, "lists": []}


def field(label: str, value: str | int, kind: str) -> dict[str, Any]:
    return {"var_label": label, "value": value, "value_type": kind}


def write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
