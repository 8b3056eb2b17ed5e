"Run notebooks from a clean kernel and store their outputs: `python tests/store.py nbs/05_learner.ipynb …`"
import re,sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbdev.clean import nbdev_clean

def done(o):
    "Is this output a progress bar, or what is left of one?"
    html = ''.join(o.get('data', {}).get('text/html', '-')).strip()
    return not re.sub(r'<style>.*?</style>', '', html, flags=re.S).strip() or '<progress' in html

def store(path):
    "Outputs as Jupyter would show them, without what nobody wants to read: a stored widget is an error until its cell is run, a progress bar has done its work"
    nb = nbformat.read(path, 4)
    NotebookClient(nb, resources=dict(metadata=dict(path=str(path.parent)))).execute()
    nb.metadata.pop('widgets', None)
    for cell in nb.cells:
        for o in cell.get('outputs', []): o.get('data', {}).pop('application/vnd.jupyter.widget-view+json', None)
        if cell.cell_type=='code': cell.outputs = [o for o in cell.outputs if not done(o)]
    nbformat.write(nb, path)
    nbdev_clean(str(path))

if __name__=='__main__':
    for o in sys.argv[1:]: store(Path(o))
