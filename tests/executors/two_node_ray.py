"""A Ray cluster of a head that runs nothing and two nodes of one core on this machine, for tests and trials.

python tests/executors/two_node_ray.py        prints its address; `kill` on stdin kills a node, end of input all
"""

from __future__ import annotations

import itertools
import sys

from ray.cluster_utils import Cluster


def main() -> None:
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    # At addresses of their own: whoever drives the cluster belongs to the head, and outlives the nodes.
    addresses = (f"127.0.0.{k}" for k in itertools.count(2))
    nodes = [cluster.add_node(num_cpus=1, node_ip_address=next(addresses)) for _ in range(2)]
    print(f"address {cluster.address}", flush=True)
    for line in sys.stdin:
        if line.strip() == "kill":
            cluster.remove_node(nodes.pop(), allow_graceful=False)
            print("killed", flush=True)
        if line.strip() == "add":
            nodes.append(cluster.add_node(num_cpus=1, node_ip_address=next(addresses)))
            print("added", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
