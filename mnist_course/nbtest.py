"How `nbdev-test` runs the chapters (`test_setup` in `pyproject.toml`): a process for each, with one thread"
import os
from functools import partial
from multiprocessing import get_all_start_methods,set_forkserver_preload

import nbdev.test

def a_process_each(cells):
    """Let `nbdev-test` run each notebook in a process of its own

    In one that goes on, the data of all notebooks before stay: 4 GB in the end. Two threads in each of two processes
    on two cores wait for each other most of the time."""
    os.environ.setdefault('OMP_NUM_THREADS', '1')
    os.environ.setdefault('MALLOC_MMAP_THRESHOLD_', '16000000') # bytes; glibc then gives back what a tensor held
    if 'forkserver' in get_all_start_methods(): set_forkserver_preload(['fastai.basics']) # once, for all
    nbdev.test.parallel = partial(nbdev.test.parallel, max_tasks_per_child=1)
