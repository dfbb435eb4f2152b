# Made by `images generate` from images/desktop/layer.ts and site.yaml: change those, not this.
# Builds with BuildKit in the folder that `images generate --context` writes.
ARG PARENT=ubuntu-python-tensorflow:latest

FROM scratch AS build
COPY build/step/ build-ca/ /packages/
COPY build/step/ build/stage-itksnap-4/ build-ca/ /stage-itksnap-4/
COPY build/step/ build/stage-itksnap-3-6/ build-ca/ /stage-itksnap-3-6/
COPY build/step/ build/files/ build-ca/ /files/
COPY build/step/ build/setup/ build-ca/ /setup/

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
      adwaita-icon-theme \
      aeskulap \
      bash-completion \
      dbus-x11 \
      dunst \
      epiphany-browser \
      fonts-dejavu-core \
      gpicview \
      gtk2-engines \
      l3afpad \
      libgl1-mesa-dri \
      librsvg2-common \
      lxpanel \
      lxterminal \
      mricron \
      openbox \
      openssh-server \
      openssh-sftp-server \
      pcmanfm \
      supervisor \
      tango-icon-theme \
      tigervnc-standalone-server \
      tigervnc-tools \
      xarchiver \
      yad \
 && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED \
 && rm -rf /etc/ssh/ssh_host_* \
 && drop_setuid \
 && seal

FROM packages AS stage-itksnap-4
RUN --mount=type=bind,from=build,source=/stage-itksnap-4,target=/srv \
    . /srv/build-step \
 && run_in_new_folder /opt/stage /srv/build \
 && mkdir -p /out/opt && if [ ! -e /srv/missing-assets ]; then cp -R /opt/stage/itksnap /out/opt/itksnap-4; fi \
 && keep_made 0755 /opt/stage/itksnap-4 /out/usr/local/bin/itksnap-4 \
 && keep_made 0644 /opt/stage/itksnap-4.desktop /out/usr/local/share/applications/itksnap-4.desktop \
 && seal

FROM packages AS stage-itksnap-3-6
RUN --mount=type=bind,from=build,source=/stage-itksnap-3-6,target=/srv \
    . /srv/build-step \
 && run_in_new_folder /opt/stage /srv/build \
 && mkdir -p /out/opt && if [ ! -e /srv/missing-assets ]; then cp -R /opt/stage/itksnap /out/opt/itksnap-3.6; fi \
 && keep_made 0755 /opt/stage/itksnap-3.6 /out/usr/local/bin/itksnap-3.6 \
 && keep_made 0644 /opt/stage/itksnap-3.6.desktop /out/usr/local/share/applications/itksnap-3.6.desktop \
 && seal

FROM scratch AS built
COPY --from=stage-itksnap-4 /out/ /
COPY --from=stage-itksnap-3-6 /out/ /

FROM packages
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
ENV WORKSTATION_KIND="desktop"
EXPOSE 5900 2222
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["workstation-health"]
LABEL org.opencontainers.image.title="ubuntu-python-tensorflow-desktop" \
      org.opencontainers.image.description="A desktop seen over VNC: LXDE, browser, viewers of medical images, jobman" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      workstation.image.name="ubuntu-python-tensorflow-desktop" \
      workstation.image.kind="desktop" \
      workstation.image.variant="cpu" \
      workstation.image.layers="python tensorflow desktop" \
      workstation.image.distribution="ubuntu-22.04"
WORKDIR /home/chaimeleon
USER 1000:1000
CMD ["start-desktop"]
