import type { LayerFile } from "@workstation/images";

const shipped = "/usr/local/share/workstation/application-examples";

const files = [
  "README.md",
  "dataset-access-guide.ipynb",
  "filter-series-by-orientation/README.md",
  "filter-series-by-orientation/dataset_index.py",
  "filter-series-by-orientation/filter_series.py",
  "filter-series-by-orientation/headers.py",
  "filter-series-by-orientation/nifti.py",
  "filter-series-by-orientation/orientation.py",
  "filter-series-by-orientation/results.py",
  "filter-series-by-orientation/workers.py",
  "synthetic-dataset/README.md",
  "synthetic-dataset/dataset_plan.py",
  "synthetic-dataset/dicom_writer.py",
  "synthetic-dataset/faults.py",
  "synthetic-dataset/make_dataset.py",
  "synthetic-dataset/platform_files.py",
  "synthetic-dataset/publish.py",
  "synthetic-dataset/slice_planes.py",
  "synthetic-dataset/source_pixels.py",
];

/** What researchers find in their home, as it lies in every image; tests and their settings stay out. */
export const applicationExampleFiles: readonly LayerFile[] = files.map((name) => ({
  from: `application-examples/${name}`,
  to: `${shipped}/${name}`,
}));
