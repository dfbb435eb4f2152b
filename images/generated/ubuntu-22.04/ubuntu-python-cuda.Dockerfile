# Made by `images generate` from images/python/layer.ts and site.yaml: change those, not this.
# Builds with BuildKit in the folder that `images generate --context` writes.
ARG PARENT=ubuntu-python:latest

FROM scratch AS build
COPY build/step/ build/python/ build-ca/ /python/
COPY build/step/ build/setup/ build-ca/ /setup/

FROM $PARENT AS packages
# hadolint ignore=DL3002 # the image itself ends with its user
USER 0

FROM packages
RUN --mount=type=bind,from=build,source=/python,target=/srv \
    --mount=type=cache,id=uv,target=/media \
    . /srv/build-step \
 && uv pip install -q --system --no-deps --require-hashes -r /srv/requirements.lock.txt \
 && drop_packages "$(site_packages)" \
      nvidia/cusolver/lib/libcusolverMg.so.11 \
 && tidy_python "$(site_packages)" \
 && seal
RUN --mount=type=bind,from=build,source=/setup,target=/srv \
    . /srv/build-step \
 && /srv/setup \
 && seal
ENV NVIDIA_DRIVER_CAPABILITIES="compute,utility"
LABEL org.opencontainers.image.title="ubuntu-python" \
      org.opencontainers.image.description="All of ubuntu-python, and the CUDA libraries that TensorFlow and PyTorch share, once each" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      workstation.image.name="ubuntu-python" \
      workstation.image.kind="batch" \
      workstation.image.variant="cuda" \
      workstation.image.layers="python" \
      workstation.image.distribution="ubuntu-22.04"
WORKDIR /home/chaimeleon
USER 1000:1000
