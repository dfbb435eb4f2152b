# Made by `images generate` from images/python/layer.ts and site.yaml: change those, not this.
# Builds with BuildKit in the folder that `images generate --context` writes.
ARG PARENT=ubuntu:22.04

FROM scratch AS build
COPY build/step/ build-ca/ /packages/
COPY build/step/ build/installer/ build-ca/ /installer/
COPY build/step/ build/stage-proot/ build-ca/ /stage-proot/
COPY build/step/ build-ca/ /account/
COPY build/step/ build/tools/ build-ca/ /tools/
COPY build/step/ build/python/ build-ca/ /python/
COPY build/step/ build/files/ build-ca/ /files/
COPY build/step/ build/setup/ build-ca/ /setup/

FROM $PARENT AS packages
# hadolint ignore=DL3008 # security fixes must come in; a site pins by naming a snapshot
RUN --mount=type=bind,from=build,source=/packages,target=/srv \
    --mount=type=cache,id=ubuntu-22.04-var-cache-apt,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=ubuntu-22.04-var-lib-apt-lists,target=/var/lib/apt/lists,sharing=locked \
    . /srv/build-step \
 && keep_no_documentation \
 && keep_package_cache \
 && apt-get update -qq -o Acquire::Retries=5 \
 && apt-get install -y -qq -o Acquire::Retries=5 --no-install-recommends \
      ca-certificates \
      curl \
      less \
      libatomic1 \
      libnss-extrausers \
      libstdc++6 \
      patchelf \
      procps \
      python-is-python3 \
      python3 \
      python3-pip \
      python3-venv \
      tini \
      unzip \
      vim \
      wget \
 && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED \
 && drop_setuid \
 && seal

FROM packages AS installer
RUN --mount=type=bind,from=build,source=/installer,target=/srv \
    . /srv/build-step \
 && python3 -m pip install -q --no-cache-dir --no-deps --require-hashes --target /opt/uv -r /srv/uv.lock.txt \
 && seal

FROM packages AS stage-proot
# hadolint ignore=DL3008 # security fixes must come in; a site pins by naming a snapshot
RUN --mount=type=bind,from=build,source=/stage-proot,target=/srv \
    --mount=type=cache,id=ubuntu-22.04-var-cache-apt,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=ubuntu-22.04-var-lib-apt-lists,target=/var/lib/apt/lists,sharing=locked \
    . /srv/build-step \
 && apt-get update -qq -o Acquire::Retries=5 \
 && apt-get install -y -qq -o Acquire::Retries=5 --no-install-recommends \
      gcc \
      libc6-dev \
      libtalloc-dev \
      make \
      pkg-config \
      uthash-dev \
 && run_in_new_folder /opt/stage /srv/build \
 && keep_made 0755 /opt/stage/proot /out/opt/udocker/bin/proot-x86_64 \
 && seal

FROM scratch AS built
COPY --from=stage-proot /out/ /

FROM packages
RUN --mount=type=bind,from=build,source=/account,target=/srv \
    . /srv/build-step \
 && groupadd --gid 1000 chaimeleon \
 && useradd --no-log-init --uid 1000 --gid 1000 --create-home --shell /bin/bash chaimeleon \
 && mkdir -p \
      /home/chaimeleon/datasets \
      /home/chaimeleon/persistent-home \
      /home/chaimeleon/persistent-shared-folder \
      /home/chaimeleon/application-examples \
      /mnt/datalake \
      /run/jobman \
 && chown -R 1000:0 /home/chaimeleon \
 && chmod -R a+rwX /home/chaimeleon \
 && install -d -m 1777 /run/workstation \
 && rm -rf /var/lib/extrausers \
 && ln -s /run/workstation/extrausers /var/lib/extrausers \
 && sed -i -E 's/^(passwd|group|shadow):.*/\1: extrausers files/' /etc/nsswitch.conf \
 && seal
RUN --mount=type=bind,from=build,source=/tools,target=/srv \
    --mount=type=cache,id=uv,target=/media \
    --mount=type=bind,from=installer,source=/opt/uv/bin,target=/mnt \
    . /srv/build-step \
 && /mnt/uv venv -q --python /usr/bin/python3 /opt/tools \
 && /mnt/uv pip install -q --python /opt/tools/bin/python --no-deps --require-hashes -r /srv/tools.lock.txt \
 && tidy_python /opt/tools/lib \
 && link_commands /opt/tools/bin poetry udocker uv uvx \
 && seal
RUN --mount=type=bind,from=build,source=/python,target=/srv \
    --mount=type=cache,id=uv,target=/media \
    --mount=type=bind,from=installer,source=/opt/uv/bin,target=/mnt \
    . /srv/build-step \
 && /mnt/uv pip install -q --system --no-deps --require-hashes -r /srv/requirements.lock.txt \
 && tidy_python "$(site_packages)" \
 && seal
RUN --mount=type=bind,from=build,source=/files,target=/srv \
    --mount=type=bind,from=built,target=/mnt \
    . /srv/build-step \
 && put_files /srv/root \
 && put_files /mnt \
 && seal
RUN --mount=type=bind,from=build,source=/setup,target=/srv \
    . /srv/build-step \
 && /srv/setup \
 && seal
ENV HOME="/home/chaimeleon" \
      LANG="C.UTF-8" \
      UDOCKER_BIN="/opt/udocker/bin" \
      UDOCKER_LIB="/opt/udocker/lib" \
      UV_HTTP_RETRIES="1"
LABEL org.opencontainers.image.title="ubuntu-python" \
      org.opencontainers.image.description="Python with the imaging and research libraries, poetry, uv, vim and uDocker" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      workstation.image.name="ubuntu-python" \
      workstation.image.kind="batch" \
      workstation.image.variant="cpu" \
      workstation.image.layers="python" \
      workstation.image.distribution="ubuntu-22.04"
WORKDIR /home/chaimeleon
USER 1000:1000
ENTRYPOINT ["/usr/bin/tini","-g","--","/usr/local/lib/workstation/entrypoint"]
CMD ["/bin/bash"]
