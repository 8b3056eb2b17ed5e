"Run notebooks from a clean kernel and store their outputs: `python tests/store.py nbs/05_learner.ipynb …`"
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbdev.clean import nbdev_clean

def store(path):
    "Outputs as Jupyter would show them, without widgets: a stored widget shows nothing but an error until its cell is run"
    nb = nbformat.read(path, 4)
    NotebookClient(nb, resources=dict(metadata=dict(path=str(path.parent)))).execute()
    nb.metadata.pop('widgets', None)
    for cell in nb.cells:
        for o in cell.get('outputs', []): o.get('data', {}).pop('application/vnd.jupyter.widget-view+json', None)
    nbformat.write(nb, path)
    nbdev_clean(str(path))

if __name__=='__main__':
    for o in sys.argv[1:]: store(Path(o))
