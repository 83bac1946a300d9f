"""Call data records: what the dialer noted: https://developers.salesloft.com/docs/api/call-data-records-index/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def list_call_data_records(ctx: Context, inputs: Inputs) -> Pages:
    """List call data records, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/call_data_records", inputs, callDataRecordIds="ids", userGuidFilter="user_guid")
