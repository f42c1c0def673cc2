#!/usr/bin/env bash
# docker_engine.sh - start a Docker engine in one folder, with an image made of an etcd.
#
# usage: docker_engine.sh start DIR ETCD_FOLDER
#        docker_engine.sh stop DIR
#
# For `make test-docker` on Debian or Ubuntu where no engine runs, or the image cannot be
# pulled. Downloads what is missing of dockerd, docker, Compose 2 and iptables with apt-get
# (docker.io, docker-cli, docker-compose or docker-compose-v2, iptables and what they need)
# and unpacks it into DIR. Installs nothing, starts no service and sets no firewall rule: the
# engine's data, sockets, mounts and processes are in DIR and in namespaces of its own.
#
# `start` imports the etcd and the etcdctl of ETCD_FOLDER under the name that docker-compose.yml
# has for an image of their release, and prints the variables for a shell to take. It starts
# nothing if an engine with that image answers. `stop` ends the engine and its containers, and
# removes DIR.
#
# variables:
#   ETCD_IMAGE   another name for the image
#
# examples:
#   eval "$(.ci/docker_engine.sh start /tmp/engine "$(scripts/get_etcd.sh latest)")"
#   make test-docker
#   .ci/docker_engine.sh stop /tmp/engine
#
# exits: 0 done, 1 failed, 2 wrong usage

. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"

DEADLINE=30 # seconds until the engine answers, and until it has ended
CGROUP="etcd-lab-engine"

main() {
  case ${1:-} in -*) no_arguments "$@" ;; esac
  case ${1:-}:$# in
    start:3 | stop:2) ;;
    *) die "$EXIT_USAGE" "usage: $PROGRAM start DIR ETCD_FOLDER, or $PROGRAM stop DIR" ;;
  esac
  FOLDER=$(realpath -m -- "$2")
  export DOCKER_CONFIG=${DOCKER_CONFIG:-${HOME:-}/.docker}
  "$1_engine" "${@:3}"
}

start_engine() {
  local program
  for program in etcd etcdctl; do
    [ -x "$1/$program" ] || die "$EXIT_USAGE" "no $program in '$1'"
  done
  # shellcheck disable=SC2016  # it is sed's
  IMAGE=${ETCD_IMAGE:-$(sed -n 's/^ *image: ${ETCD_IMAGE:-\(.*:v\)${.*$/\1/p' "$ROOT/docker-compose.yml")$(etcd_version "$1/etcd")}
  if docker_answers && docker image inspect "$IMAGE" >/dev/null 2>&1; then
    note "an engine that has $IMAGE answers: nothing to start"
    return
  fi
  [ "$(id -u)" -eq 0 ] || die "$EXIT_FAILED" 'only root can start an engine'
  [ -z "$(ls -A "$FOLDER" 2>/dev/null)" ] || die "$EXIT_FAILED" "$FOLDER: is not empty"
  mkdir -p "$FOLDER"/{apt/{lists,cache/archives}/partial,config/cli-plugins,etc,etc.work,image/usr/local/bin,root/usr/sbin,run}
  trap 'remove_folder' EXIT
  export DOCKER_HOST=unix://$FOLDER/docker.sock
  PATH=$PATH:$FOLDER/root/usr/sbin:$FOLDER/root/usr/bin
  get_packages
  run_engine
  cp "$1/etcd" "$1/etcdctl" "$FOLDER/image/usr/local/bin"
  import_image || die "$EXIT_FAILED" "cannot make $IMAGE of '$1'"
  trap - EXIT
  printf 'export DOCKER_HOST=%q DOCKER_CONFIG=%q PATH=%q\n' "$DOCKER_HOST" "$DOCKER_CONFIG" "$PATH"
}

# get_packages - unpack what the machine lacks.
get_packages() {
  local packages=() compose='' links
  run_apt apt-get update || die "$EXIT_FAILED" "'apt-get update' failed"
  command -v dockerd >/dev/null && command -v docker >/dev/null || packages+=(docker.io)
  command -v docker >/dev/null || [ -z "$(candidate docker-cli)" ] || packages+=(docker-cli)
  command -v iptables >/dev/null || packages+=(iptables)
  docker compose version >/dev/null 2>&1 || compose=$(compose_package)
  note "unpacking into $FOLDER: ${packages[*]} $compose"
  [ ${#packages[@]} -eq 0 ] ||
    run_apt apt-get install --download-only --no-install-recommends -y "${packages[@]}" ||
    die "$EXIT_FAILED" "apt-get cannot download ${packages[*]}"
  [ -z "$compose" ] || download_compose "$compose" ||
    die "$EXIT_FAILED" "apt-get cannot download Compose 2"
  find "$FOLDER/apt" -name '*.deb' -exec dpkg -x {} "$FOLDER/root" \;
  if [ -n "$compose" ]; then
    DOCKER_CONFIG=$FOLDER/config
    links=$FOLDER/config/cli-plugins
    find "$FOLDER/root" -path '*/cli-plugins/docker-compose' -exec ln -s {} "$links" \;
  fi
  # What a package's own script would do on installation.
  command -v iptables >/dev/null || ln -s xtables-nft-multi "$FOLDER/root/usr/sbin/iptables"
}

# run_apt COMMAND... - run apt-get or apt-cache with lists and archives in FOLDER, without
# apt's lock, so that another apt may run.
run_apt() {
  LC_ALL=C "$1" -q -q -o Acquire::Languages=none -o Dir::State::Lists="$FOLDER/apt/lists" \
    -o Dir::Cache="$FOLDER/apt/cache" -o APT::Sandbox::User=root -o Debug::NoLocking=1 "${@:2}" </dev/null
} >&2

# candidate PACKAGE - print the version that apt would install, if it has the package.
candidate() {
  run_apt apt-cache policy "$1" 2>&1 | sed -n 's/^ *Candidate: \([^(].*\)/\1/p'
}

# compose_package - print the package of Compose 2: docker-compose is 1.29 in older suites,
# and Debian's sid has 2.
compose_package() {
  local package
  for package in docker-compose-v2 docker-compose; do
    case $(candidate "$package") in
      '' | 1.*) ;;
      *) printf '%s' "$package" && return ;;
    esac
  done
  printf 'docker-compose/sid'
}

# download_compose PACKAGE[/sid] - download that package alone; sid's from the archive that
# this machine's apt uses.
download_compose() {
  local archive sources=()
  if [[ $1 == */sid ]]; then
    archive=$(run_apt apt-get indextargets --format "\$(REPO_URI)" 'Identifier: Packages' \
      'Label: Debian' 2>&1 | sed -n 1p)
    [ -n "$archive" ] || return
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s sid main\n' \
      "$archive" >"$FOLDER/apt/sid.list"
    sources=(-o Dir::Etc::SourceList="$FOLDER/apt/sid.list" -o Dir::Etc::SourceParts=/dev/null)
    run_apt apt-get "${sources[@]}" update || return
  fi
  (cd "$FOLDER/apt" && run_apt apt-get ${sources[@]+"${sources[@]}"} download "${1%/sid}")
}

# run_engine - run dockerd as the first process of a namespace, so that its end is that of
# all it started; /run and /etc, where it leaves sockets and a key, are its own.
run_engine() {
  local libraries settings=() pid
  for libraries in "$FOLDER"/root/usr/lib/*-linux-gnu*; do
    [ ! -d "$libraries" ] || settings+=("LD_LIBRARY_PATH=$libraries")
    [ ! -d "$libraries/xtables" ] || settings+=("XTABLES_LIBDIR=$libraries/xtables")
  done
  # shellcheck disable=SC2016  # for the shell in there to expand
  env FOLDER="$FOLDER" ${settings[@]+"${settings[@]}"} \
    setsid unshare --mount --pid --fork bash -euc '
      read -r pid rest </proc/self/stat && printf "%s\n" "$pid" >"$FOLDER/pid"
      mount -t proc proc /proc
      mount -t overlay -o "lowerdir=/etc,upperdir=$FOLDER/etc,workdir=$FOLDER/etc.work" overlay /etc
      mount --bind "$FOLDER/run" /run
      exec "$@"' bash \
    dockerd --host="$DOCKER_HOST" --group="${SUDO_GID:-0}" --config-file= --data-root="$FOLDER/data" \
    --exec-root=/run/docker --pidfile=/run/docker.pid \
    --exec-opt=native.cgroupdriver=cgroupfs --cgroup-parent="/$CGROUP" --bridge=none \
    --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false \
    </dev/null >"$FOLDER/log" 2>&1 &
  pid=$!
  SECONDS=0
  until docker version >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$DEADLINE" ] || {
      tail -n 5 "$FOLDER/log" >&2
      die "$EXIT_FAILED" 'dockerd does not answer; the end of its log is above'
    }
    sleep 0.2
  done
}

# import_image - import FOLDER/image, with the libraries that a dynamic etcd needs, as IMAGE.
import_image() {
  local library
  for library in $(ldd "$FOLDER"/image/usr/local/bin/* 2>/dev/null | grep -o '/[^ :]*' | sort -u); do
    [[ $library == "$FOLDER"/* ]] || cp -L --parents "$library" "$FOLDER/image"
  done
  tar -C "$FOLDER/image" -c . | docker import - "$IMAGE" >/dev/null
}

# stop_engine - remove containers and networks, whose bridges are outside the namespaces,
# then end the engine.
stop_engine() {
  local containers
  [ -d "$FOLDER/apt" ] && [ -f "$FOLDER/log" ] || die "$EXIT_FAILED" "$FOLDER: no engine was started there"
  PATH=$PATH:$FOLDER/root/usr/bin
  export DOCKER_HOST=unix://$FOLDER/docker.sock
  containers=$(docker ps --all --quiet 2>/dev/null) || true
  # shellcheck disable=SC2086  # a list of plain words
  [ -z "$containers" ] || docker rm --force $containers >/dev/null
  docker network prune --force >/dev/null 2>&1 || true
  remove_folder
}

# remove_folder - end the engine that runs there, and remove its folder.
remove_folder() {
  local pid='' signal=TERM
  pid=$(cat "$FOLDER/pid" 2>/dev/null) || true
  SECONDS=0
  while [ -n "$pid" ] && [[ $(command_line "$pid") == *"--data-root=$FOLDER/data "* ]]; do
    [ "$SECONDS" -lt "$DEADLINE" ] || signal=KILL
    kill "-$signal" "$pid" 2>/dev/null || true
    sleep 0.2
  done
  find /sys/fs/cgroup -depth -type d -path "*/$CGROUP*" -exec rmdir {} + 2>/dev/null || true
  rm -rf "$FOLDER"
}

main "$@"
