# Made by `images generate` from images/tensorflow/layer.ts and site.yaml: change those, not this.
# Builds with BuildKit in the folder that `images generate --context` writes.
ARG PARENT=ubuntu-python:latest-cuda

FROM scratch AS build
COPY build/step/ build/python/ build-ca/ /python/

FROM $PARENT AS packages
# hadolint ignore=DL3002 # the image itself ends with its user
USER 0

FROM packages
RUN --mount=type=bind,from=build,source=/python,target=/srv \
    --mount=type=cache,id=uv,target=/media \
    . /srv/build-step \
 && uv pip install -q --system --no-deps --require-hashes -r /srv/requirements.lock.txt \
 && drop_packages "$(site_packages)" \
      tensorflow/include \
 && tidy_python "$(site_packages)" \
 && seal
ENV KERAS_BACKEND="tensorflow" \
      TF_CPP_MIN_LOG_LEVEL="1"
LABEL org.opencontainers.image.title="ubuntu-python-tensorflow" \
      org.opencontainers.image.description="Python with the imaging and research libraries, and TensorFlow with Keras" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      workstation.image.name="ubuntu-python-tensorflow" \
      workstation.image.kind="batch" \
      workstation.image.variant="cuda" \
      workstation.image.layers="python tensorflow" \
      workstation.image.distribution="ubuntu-22.04"
WORKDIR /home/chaimeleon
USER 1000:1000
