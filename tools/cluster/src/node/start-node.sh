#!/usr/bin/env bash
# The first process of a node, in namespaces of its own for mounts, network and processes: all that it starts or mounts, and
# every container, is gone with it. When containerd, the kubelet or kube-proxy ends, the node does.
set -euo pipefail

folder=$1   # the node's files; /var/lib in it survives a restart
programs=$2 # containerd, kubelet and the others
address=$3  # of the node, with the length of its network
gateway=$4  # the machine
shift 4     # what is left are flags of the kubelet

own_folders() {
  mount --make-rshared /
  mount -t tmpfs -o mode=755 run /run
  mount -t tmpfs -o mode=755 log /var/log
  mount --bind "$folder/var-lib" /var/lib
}

# The machine brings the other end of the cable as soon as this process is there.
network() {
  ip link set lo up
  until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
  ip address add "$address" dev eth0
  ip link set eth0 up
  ip route add default via "$gateway"
  echo 1 >/proc/sys/net/ipv4/ip_forward
}

start_containerd() {
  rm -f "$folder/containerd.sock"
  PATH="$programs:$PATH" "$programs/containerd" --config "$folder/containerd.toml" >>"$folder/containerd.log" 2>&1 &
  until [[ -S $folder/containerd.sock ]]; do
    kill -0 $! || return
    sleep 0.05
  done
  "$programs/ctr" --address "$folder/containerd.sock" --namespace k8s.io images import "$folder/pause/image.tar"
}

# The kubelet sets rules of the whole machine; it is shown that they are as it wants them, and would write beside them.
start_kubelet() {
  mkdir -p "$folder/sysctl"
  echo 1 >"$folder/sysctl/vm.overcommit_memory"
  echo 0 >"$folder/sysctl/vm.panic_on_oom"
  echo 10 >"$folder/sysctl/kernel.panic"
  echo 1 >"$folder/sysctl/kernel.panic_on_oops"
  echo 1000000 >"$folder/sysctl/kernel.keys.root_maxkeys"
  echo 25000000 >"$folder/sysctl/kernel.keys.root_maxbytes"
  # shellcheck disable=SC2016 # it is the inner shell that reads its arguments
  unshare --mount --propagation unchanged sh -ec '
    mount --make-rprivate /proc
    for file in "$1"/*; do
      mount --bind "$file" "/proc/sys/$(basename "$file" | tr . /)"
    done
    shift
    exec "$@"' sh "$folder/sysctl" "$programs/kubelet" "$@" >>"$folder/kubelet.log" 2>&1 &
}

own_folders
network
start_containerd
"$programs/kube-proxy" --config "$folder/kube-proxy.yaml" >>"$folder/kube-proxy.log" 2>&1 &
start_kubelet "$@"
wait -n || true
tail -n 5 "$folder"/{containerd,kube-proxy,kubelet}.log
