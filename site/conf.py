"Sphinx's settings for the course's site. `prepare.py` makes the pages, from what is committed, whenever Sphinx starts."
import sys
from configparser import ConfigParser
from pathlib import Path

here = Path(__file__).parent
sys.path[:0] = [str(here), str(here.parent)]
from prepare import prepare

config = ConfigParser(interpolation=None) # a % is a %
config.read(here.parent/'settings.ini', encoding='utf-8')
cfg = config['DEFAULT']
repository = f"https://github.com/{cfg['user']}/{cfg['repo']}"

project = html_title = cfg['lib_name']
author,version,release = cfg['author'],cfg['version'],cfg['version']
copyright = f"{author}. {cfg['license']}"
extensions = ['myst_nb']
exclude_patterns = ['_*']
highlight_language = 'none' # for code blocks that name no language
smartquotes = False # the text's quotes are as they should be
html_use_index = False # the search does that

# Outputs are shown as they are committed; nothing runs, and no widget fetches a script from elsewhere
nb_execution_mode,nb_ipywidgets_js,nb_merge_streams = 'off',{},True
nb_render_markdown_format = 'myst' # tables in Markdown outputs
myst_heading_anchors = 3
myst_enable_extensions = [] # a dollar is a dollar

html_theme = 'sphinx_book_theme'
html_static_path,html_css_files = ['_static'],['course.css']
html_favicon = '_static/favicon.svg'
html_copy_source = False
html_search_scorer = str(here/'_static/scorer.js')
html_theme_options = dict(
    repository_url=repository, repository_branch=cfg['branch'], use_repository_button=True, use_download_button=False, home_page_in_toc=True,
    launch_buttons=dict(colab_url='https://colab.research.google.com', binderhub_url='https://mybinder.org', notebook_interface='jupyterlab'),
    pygments_light_style='a11y-high-contrast-light', pygments_dark_style='a11y-high-contrast-dark', navbar_persistent=[])
html_context = dict(default_mode='auto')

def pages(app): prepare(here.parent, here, repository, cfg['branch'])

def images(app):
    "myst-nb keeps the pictures of the outputs beside the folder of the site; keep them inside, with the rest of what Sphinx remembers"
    app.env.mystnb_config = app.env.mystnb_config.copy(output_folder=str(app.doctreedir/'outputs'))

def setup(app):
    app.connect('builder-inited', pages)
    app.connect('builder-inited', images, priority=900) # after myst-nb
