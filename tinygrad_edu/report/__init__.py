"""The report: the lessons trained, compared, and set as one page that asks nothing of a network."""

from tinygrad_edu.report.arguments import parsed as parsed
from tinygrad_edu.report.progress import progress as progress
from tinygrad_edu.report.automatic import automatic_formulas as automatic_formulas
from tinygrad_edu.report.runs import Run as Run
from tinygrad_edu.report.runs import adjusted as adjusted
from tinygrad_edu.report.runs import course_of as course_of
from tinygrad_edu.report.runs import compared_at as compared_at
from tinygrad_edu.report.runs import recorded as recorded
from tinygrad_edu.report.runs import run as run
from tinygrad_edu.report.runs import start_of as start_of
from tinygrad_edu.report.runs import train as train
from tinygrad_edu.report.markup import table as table
from tinygrad_edu.report.formulas import formula_svg as formula_svg
from tinygrad_edu.report.plots import lesson_figure as lesson_figure
from tinygrad_edu.report.beyond import beyond as beyond
from tinygrad_edu.report.sections import section as section
from tinygrad_edu.report.page import page as page
from tinygrad_edu.report.page import prepared_folder as prepared_folder
from tinygrad_edu.report.page import required_packages as required_packages
from tinygrad_edu.report.page import summary as summary
from tinygrad_edu.report.page import version as version
from tinygrad_edu.report.page import write as write
