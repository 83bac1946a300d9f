"""Steps of cadences, which are kept in the app: https://developers.salesloft.com/docs/api/steps-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def get_step(ctx: Context, inputs: Inputs) -> Any:
    """Get one step by its id."""
    return ctx.client.get(f"/v2/steps/{inputs['stepId']}")


def list_steps(ctx: Context, inputs: Inputs) -> Pages:
    """List steps, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/steps", inputs, stepIds="ids")
