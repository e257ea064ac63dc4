#!/bin/sh
# A Slurm of one node on this machine, for tests and trials, without a file outside its folder. As root:
#
#   apt install slurm-wlm munge
#   tests/executors/one_node_slurm.sh start /tmp/slurm       # and: export SLURM_CONF=/tmp/slurm/slurm.conf
#   tests/executors/one_node_slurm.sh stop /tmp/slurm
set -eu
what=$1 home=$2

if [ "$what" = stop ]; then
    for name in slurmd slurmctld munged; do
        [ -f "$home/$name.pid" ] && kill "$(cat "$home/$name.pid")" 2>/dev/null || true
    done
    exit 0
fi

mkdir -p "$home/state" "$home/spool"
chmod 700 "$home"
host=$(hostname -s)
[ -f "$home/munge.key" ] || { dd if=/dev/urandom of="$home/munge.key" bs=128 count=1 2>/dev/null; chmod 600 "$home/munge.key"; }
munged --force --socket="$home/munge.socket" --key-file="$home/munge.key" --pid-file="$home/munged.pid" \
    --log-file="$home/munged.log" --seed-file="$home/munged.seed"

cat > "$home/slurm.conf" <<END
ClusterName=here
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${SLURMCTLD_PORT:-17817}
SlurmdPort=${SLURMD_PORT:-17818}
SlurmUser=root
AuthInfo=socket=$home/munge.socket
StateSaveLocation=$home/state
SlurmdSpoolDir=$home/spool
SlurmctldPidFile=$home/slurmctld.pid
SlurmdPidFile=$home/slurmd.pid
SlurmctldLogFile=$home/slurmctld.log
SlurmdLogFile=$home/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=${SLURM_CPUS:-2} RealMemory=4000
PartitionName=all Nodes=$host Default=YES MaxTime=60 DefMemPerCPU=500
END
export SLURM_CONF="$home/slurm.conf"
slurmctld
slurmd
for _ in $(seq 60); do
    sinfo --noheader --format=%t 2>/dev/null | grep -q '^idle\|^mix' && exit 0
    sleep 1
done
echo "The node did not come up; see $home/slurmctld.log and $home/slurmd.log." >&2
exit 1
