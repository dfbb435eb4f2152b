/**
 * Each library does a small real piece of work, with files in the folder where it is started, which is empty; the program
 * ends with an error when the result is wrong.
 */
export const libraryWork: Readonly<Record<string, string>> = {
  numpy: `
import numpy as np
values, _ = np.linalg.eigh(np.array([[2.0, 1.0], [1.0, 2.0]]))
assert np.allclose(values, [1, 3]), values
assert np.allclose(np.fft.ifft(np.fft.fft(np.arange(64.0))).real, np.arange(64))
`,
  scipy: `
import numpy as np
from scipy import integrate, ndimage, stats
assert abs(integrate.quad(np.sin, 0, np.pi)[0] - 2) < 1e-9
labels, count = ndimage.label(np.array([[1, 1, 0, 0], [0, 0, 0, 1]]))
assert count == 2, count
assert stats.ttest_ind([1, 2, 3, 4], [11, 12, 13, 14]).pvalue < 0.001
`,
  pandas: `
import io
import pandas as pd
table = pd.read_csv(io.StringIO("site,volume,date\\na,10,2024-01-01\\nb,30,2024-01-02\\na,20,2024-01-03"), parse_dates=["date"])
assert table.groupby("site").volume.mean().to_dict() == {"a": 15, "b": 30}
assert table.set_index("date").volume.resample("2D").sum().tolist() == [40, 20]
`,
  matplotlib: `
import matplotlib.pyplot as plt
from PIL import Image
figure, axes = plt.subplots(figsize=(2, 2), dpi=50)
axes.fill_between([0, 1], [1, 1], color="red")
axes.set_title("µ²")
figure.savefig("plot.png")
assert (255, 0, 0) in {p[:3] for _, p in Image.open("plot.png").convert("RGB").getcolors(10000)}
`,
  "scikit-learn": `
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
x, y = load_breast_cancer(return_X_y=True)
score = cross_val_score(make_pipeline(StandardScaler(), LogisticRegression()), x, y, cv=3, n_jobs=2).mean()
assert score > 0.95, score
`,
  "scikit-image": `
import numpy as np
from skimage import filters, measure, morphology
picture = np.zeros((64, 64))
picture[10:20, 10:20] = picture[40:60, 40:60] = 1
picture += np.random.default_rng(0).normal(0, 0.1, picture.shape)
mask = morphology.opening(picture > filters.threshold_otsu(picture), morphology.disk(1))
areas = sorted(int(r.area) for r in measure.regionprops(measure.label(mask)))
assert len(areas) == 2 and abs(areas[0] - 100) < 20 and abs(areas[1] - 400) < 20, areas
`,
  opencv: `
import cv2, numpy as np
picture = np.zeros((100, 100, 3), np.uint8)
cv2.circle(picture, (50, 50), 20, (255, 255, 255), -1)
contours, _ = cv2.findContours(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
assert len(contours) == 1 and abs(cv2.contourArea(contours[0]) - 3.14159 * 400) < 60
coded = cv2.imencode(".jpg", picture)[1]
assert cv2.imdecode(coded, cv2.IMREAD_COLOR).shape == picture.shape
`,
  pydicom: `
import pydicom, numpy as np
from pydicom.data import get_testdata_file
image = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
pixels = image.pixel_array
assert image.Modality == "CT" and pixels.shape == (128, 128) and pixels.std() > 0
image.PatientName = "Doe^Jane"
image.save_as("copy.dcm")
copy = pydicom.dcmread("copy.dcm")
assert copy.PatientName == "Doe^Jane" and np.array_equal(copy.pixel_array, pixels)
`,
  "compressed DICOM": `
import pydicom
from pydicom.data import get_testdata_file
lossless = ("MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm")
plain = pydicom.dcmread(get_testdata_file("MR_small.dcm")).pixel_array
for name in lossless:
    assert (pydicom.dcmread(get_testdata_file(name)).pixel_array == plain).all(), name
for name in ("JPEG2000.dcm", "SC_rgb_jpeg_gdcm.dcm", "SC_rgb_jpeg_dcmtk.dcm"):
    assert pydicom.dcmread(get_testdata_file(name)).pixel_array.std() > 0, name
`,
  pillow: `
from PIL import Image, ImageDraw
image = Image.new("RGB", (40, 40), "white")
ImageDraw.Draw(image).rectangle((10, 10, 30, 30), fill="blue")
for name in ("p.png", "p.jpg", "p.tif", "p.webp"):
    image.save(name)
    r, g, b = Image.open(name).convert("RGB").getpixel((20, 20))
    assert b > 200 and r < 50, (name, r, g, b)
`,
  dicom2nifti: `
import os, glob
import dicom2nifti, nibabel, numpy as np, pydicom
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid
source = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
os.makedirs("series")
for index in range(5):
    source.SOPInstanceUID = source.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    source.InstanceNumber = index + 1
    source.ImagePositionPatient = [-158.1, -179.0, -75.7 + 5 * index]
    source.save_as(f"series/{index}.dcm")
dicom2nifti.convert_directory("series", ".", compression=True, reorient=True)
(result,) = glob.glob("*.nii.gz")
volume = nibabel.load(result)
assert sorted(volume.shape) == [5, 128, 128] and np.asarray(volume.dataobj).std() > 0, volume.shape
`,
  simpleitk: `
import numpy as np, SimpleITK as sitk
image = sitk.GetImageFromArray(np.random.default_rng(0).normal(size=(8, 16, 32)).astype("float32"))
image.SetSpacing((0.5, 0.5, 2.0))
sitk.WriteImage(sitk.DiscreteGaussian(image, 1.0), "smooth.nii.gz")
smooth = sitk.ReadImage("smooth.nii.gz")
assert smooth.GetSize() == (32, 16, 8) and np.allclose(smooth.GetSpacing(), (0.5, 0.5, 2.0))
assert sitk.GetArrayFromImage(smooth).std() < sitk.GetArrayFromImage(image).std()
`,
  h5py: `
import h5py, numpy as np
with h5py.File("data.h5", "w") as file:
    file.create_dataset("volumes/1", data=np.arange(1000).reshape(10, 100), compression="gzip")
with h5py.File("data.h5") as file:
    assert file["volumes/1"][9, 99] == 999
`,
  nibabel: `
import nibabel as nib, numpy as np
affine = np.diag([2.0, 2.0, 3.0, 1.0])
nib.save(nib.Nifti1Image(np.ones((4, 5, 6), np.int16), affine), "volume.nii.gz")
volume = nib.load("volume.nii.gz")
assert volume.shape == (4, 5, 6) and np.array_equal(volume.affine, affine) and nib.aff2axcodes(affine) == ("R", "A", "S")
`,
};
