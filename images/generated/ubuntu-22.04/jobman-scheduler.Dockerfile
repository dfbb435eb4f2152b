# Made by `images generate` from images/scheduler/layer.ts and site.yaml: change those, not this.
# Builds with BuildKit in the folder that `images generate --context` writes.
ARG PARENT=ubuntu:22.04

FROM scratch AS build
COPY build/step/ build-ca/ /packages/
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
      libatomic1 \
      libstdc++6 \
 && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED \
 && drop_setuid \
 && seal

FROM packages AS made
RUN --mount=type=bind,from=build,source=/files,target=/srv \
    . /srv/build-step \
 && put_files /srv/root \
 && seal
RUN --mount=type=bind,from=build,source=/setup,target=/srv \
    . /srv/build-step \
 && /srv/setup \
 && seal

FROM scratch
COPY --from=made /opt/image/ /
ENV HOME="/tmp" \
      MALLOC_ARENA_MAX="1" \
      PATH="/usr/local/bin" \
      SSL_CERT_FILE="/etc/ssl/certs/ca-certificates.crt"
LABEL org.opencontainers.image.title="jobman-scheduler" \
      org.opencontainers.image.description="The scheduler of a cluster's queue: one program on Node, without a shell" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      workstation.image.name="jobman-scheduler" \
      workstation.image.kind="service" \
      workstation.image.variant="cpu" \
      workstation.image.layers="scheduler" \
      workstation.image.distribution="ubuntu-22.04"
WORKDIR /
USER 65532:65532
ENTRYPOINT ["node","--max-semi-space-size=1","--optimize-for-size","--no-concurrent-recompilation","--no-concurrent-sparkplug","--use-system-ca","/usr/local/lib/workstation/scheduler/dist/jobman-scheduler.mjs"]
CMD ["--help"]
