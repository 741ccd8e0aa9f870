"""`python -m observers.containers`: DOCKER_HOST is the engine, PROJECT and STACK choose the containers."""

import sys
import threading

from observers.containers.collector import Containers
from observers.containers.engine import Engine
from observers.containers.events import Events
from observers.containers.inventory import Inventory
from observers.exposition import listen, main
from observers.settings import address, name

PORT = 9338


def run() -> None:
    """Watch and answer."""
    engine = Engine(address("DOCKER_HOST", "tcp"))
    labels = {"pulumi.project": name("PROJECT"), "pulumi.stack": name("STACK")}
    inventory = Inventory(engine, labels)
    events = Events(engine, labels, inventory.look_again)
    listen(Containers(inventory, events), PORT)
    threading.Thread(target=events.follow, name="events", daemon=True).start()
    inventory.follow()


if __name__ == "__main__":
    sys.exit(main(run))
