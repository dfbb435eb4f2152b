const everywhere = [
  "adwaita-icon-theme", // pointers, and what Tango has no picture for
  "aeskulap", // DICOM series
  "bash-completion",
  "dbus-x11", // one that needs no systemd
  "dunst", // notifications
  "fonts-dejavu-core",
  "gpicview", // pictures
  "gtk2-engines", // the look of panel and files
  "l3afpad", // texts
  "libgl1-mesa-dri", // OpenGL without a graphics card
  "librsvg2-common", // the picture behind the icons is SVG
  "lxpanel",
  "lxterminal",
  "mricron", // volumes in NIfTI
  "openbox",
  "openssh-server",
  "openssh-sftp-server",
  "pcmanfm",
  "supervisor",
  "tango-icon-theme",
  "tigervnc-standalone-server",
  "tigervnc-tools", // tigervncpasswd
  "xarchiver",
  "yad", // questions in windows
];

/** Packages of the desktop. Ubuntu's own Firefox and Chromium are no packages but snaps, which run in no container. */
export const desktopPackages = {
  "ubuntu-22.04": [...everywhere, "epiphany-browser"].toSorted(),
  "debian-12": [...everywhere, "firefox-esr"].toSorted(),
};
