# Made by `images generate` from images/pytorch/layer.ts and site.yaml: change those, not this.
# Builds with BuildKit in the folder that `images generate --context` writes.
ARG PARENT=ubuntu-python:latest

FROM scratch AS build
COPY build/step/ build-ca/ /packages/
COPY build/step/ build/python/ build-ca/ /python/

FROM $PARENT AS packages
# hadolint ignore=DL3002 # the image itself ends with its user
USER 0
# hadolint ignore=DL3008 # security fixes must come in; a site pins by naming a snapshot
RUN --mount=type=bind,from=build,source=/packages,target=/srv \
    --mount=type=cache,id=ubuntu-22.04-var-cache-apt,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=ubuntu-22.04-var-lib-apt-lists,target=/var/lib/apt/lists,sharing=locked \
    . /srv/build-step \
 && keep_no_documentation \
 && keep_package_cache \
 && apt-get update -qq -o Acquire::Retries=5 \
 && apt-get install -y -qq -o Acquire::Retries=5 --no-install-recommends \
      g++ \
      libpython3-dev \
 && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED \
 && drop_setuid \
 && seal

FROM packages
RUN --mount=type=bind,from=build,source=/python,target=/srv \
    --mount=type=cache,id=uv,target=/media \
    . /srv/build-step \
 && uv pip install -q --system --no-deps --require-hashes --index https://download.pytorch.org/whl/cpu --index-strategy unsafe-best-match -r /srv/requirements.lock.txt \
 && tidy_python "$(site_packages)" \
 && seal
ENV KERAS_BACKEND="torch"
LABEL org.opencontainers.image.title="ubuntu-python-pytorch" \
      org.opencontainers.image.description="Python with the imaging and research libraries, and PyTorch with Keras" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      workstation.image.name="ubuntu-python-pytorch" \
      workstation.image.kind="batch" \
      workstation.image.variant="cpu" \
      workstation.image.layers="python pytorch" \
      workstation.image.distribution="ubuntu-22.04"
WORKDIR /home/chaimeleon
USER 1000:1000
