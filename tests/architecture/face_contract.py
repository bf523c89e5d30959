"""The contract no built-in type can say: only through the face, except from the same centre."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class FaceContract(Contract):
    """``wings`` holds packages whose children are centres; ``open_rooms`` the rooms others may import."""

    wings = fields.ListField(subfield=fields.StringField())
    open_rooms = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = []
        for wing in self.wings:
            if wing not in graph.modules:
                continue
            for centre in graph.find_children(wing):
                inside = {centre} | graph.find_descendants(centre)
                closed = {m for m in inside if m != centre and m.split(".")[3:][1:2] != [] and self._is_closed(m)}
                broken += [
                    (importer, imported)
                    for imported in closed
                    for importer in graph.find_modules_that_directly_import(imported)
                    if importer not in inside
                ]
        return ContractCheck(kept=not broken, metadata={"broken": sorted(broken)})

    def _is_closed(self, module: str) -> bool:
        return module.split(".")[4] not in self.open_rooms

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"{importer} imports {imported}, which is not part of that centre's face")
