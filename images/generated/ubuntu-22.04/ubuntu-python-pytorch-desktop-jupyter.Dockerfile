# Made by `images generate` from images/jupyter/layer.ts and site.yaml: change those, not this.
# Builds with BuildKit in the folder that `images generate --context` writes.
ARG PARENT=ubuntu-python-pytorch-desktop:latest

FROM scratch AS build
COPY build/step/ build/python/ build-ca/ /python/
COPY build/step/ build/files/ build-ca/ /files/
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
      ../../../share/applications/jupyterlab.desktop \
      ../../../share/applications/jupyter-notebook.desktop \
 && tidy_python "$(site_packages)" \
 && seal
RUN --mount=type=bind,from=build,source=/files,target=/srv \
    . /srv/build-step \
 && put_files /srv/root \
 && seal
RUN --mount=type=bind,from=build,source=/setup,target=/srv \
    . /srv/build-step \
 && /srv/setup \
 && seal
LABEL org.opencontainers.image.title="ubuntu-python-pytorch-desktop-jupyter" \
      org.opencontainers.image.description="A desktop with JupyterLab and Jupyter Notebook" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      workstation.image.name="ubuntu-python-pytorch-desktop-jupyter" \
      workstation.image.kind="desktop" \
      workstation.image.variant="cpu" \
      workstation.image.layers="python pytorch desktop jupyter" \
      workstation.image.distribution="ubuntu-22.04"
WORKDIR /home/chaimeleon
USER 1000:1000
