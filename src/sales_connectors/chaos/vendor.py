"""A sandbox in a process of its own, which keeps count of what it answers."""

import hashlib
from dataclasses import replace
from typing import Any

from ..imitation import Box, Reply, Request, Service, running
from ..imitation.serving import load_imitation
from .processes import Message, SeenRequest, Worker


class RecordedService:
    """A service that writes down each request when it has been answered, and forgets none."""

    def __init__(self, service: Service, life: float | None, refresh_once: bool) -> None:
        known = service.oauth
        oauth = replace(known, refresh_once=refresh_once)
        if life:  # tokens that live shorter than the vendor's have to be refreshed more often, too
            oauth = replace(oauth, access_life=life, grant_interval=0)
        self.log: list[SeenRequest] = []
        self._finish = service.finish
        self.service = replace(service, oauth=oauth, finish=self._counted)

    def _counted(self, request: Request, reply: Reply) -> Reply:
        mark = ""
        if request.path == self.service.oauth.token:
            mark = hashlib.sha256(request.form().get("refresh_token", "").encode()).hexdigest()[:12]
        self.log.append(SeenRequest(request.clock.now(), request.method, request.path, reply.status, mark))
        return self._finish(request, reply)


def main() -> None:
    desk = Worker()
    spec = desk.spec
    counted = RecordedService(load_imitation(spec["component"]), spec.get("life"), spec.get("refresh_once", True))
    with running(
        counted.service, rate=spec.get("rate", 0), window=spec.get("window", "bucket"), seed=spec.get("seed", 1)
    ) as box:
        desk.open()
        desk.tell(connection=box.connection)
        while not desk.stopped.is_set():
            order = desk.orders.get()
            if "ask" in order:
                desk.tell(**_handle_order(order, counted, box))


def _handle_order(order: Message, counted: RecordedService, box: Box) -> dict[str, Any]:
    match order["ask"]:
        case "log":
            return {"log": counted.log}
        case "count":
            return {"count": sum(seen.path.startswith(order["path"]) for seen in counted.log)}
        case "forget":
            counted.log.clear()
        case "misbehave":
            box.misbehave(order["faults"])
        case "mint":
            return {"token": box.token()}
    return {}


if __name__ == "__main__":
    main()
