using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Components.Parts;

/// <summary>
/// A page with a list that can be filtered, sorted and paged. The filter, the order and the page are in the address, so that a link or a
/// reload shows the same rows.
/// </summary>
public abstract class ListPage : LivePage
{
    private const string PageKey = "page";
    private const string SortKey = "sort";
    private const string DescendingKey = "descending";

    /// <summary>The query parameters in the address.</summary>
    protected IReadOnlyDictionary<string, string> Query { get; private set; } = new Dictionary<string, string>();

    /// <summary>The column that the list is sorted by; null for the default order.</summary>
    protected string? Sort => Value(SortKey);

    /// <summary>Whether the list is sorted from the largest to the smallest value.</summary>
    protected bool Descending => Value(DescendingKey) == "true";

    /// <summary>What is wrong with the filter; null if the filter is valid.</summary>
    protected string? Problem { get; private set; }

    /// <summary>The query in the address without the page, for the export of the whole list.</summary>
    protected string QueryString => QueryHelpers.AddQueryString("", Query.Where(pair => pair.Key != PageKey)
        .Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));

    private protected ConnectionFilter Filter => new()
    {
        Address = Value("address"),
        Identity = Value("identity"),
        Transport = Value("transport"),
        Command = Value("command"),
        State = Value("state") ?? Value("reason"),
        MinAge = Value("minAge"),
        MaxAge = Value("maxAge"),
    };

    /// <summary>The value of a query parameter in the address; null if it is missing.</summary>
    protected string? Value(string key) => Query.GetValueOrDefault(key);

    /// <summary>Reads the list.</summary>
    /// <exception cref="NodeException">The filter is wrong.</exception>
    protected abstract Task ReadAsync();

    /// <inheritdoc/>
    protected sealed override async Task RefreshAsync()
    {
        Query = QueryHelpers.ParseQuery(new Uri(Navigation.Uri).Query)
            .Where(pair => !string.IsNullOrWhiteSpace(pair.Value))
            .ToDictionary(pair => pair.Key, pair => pair.Value.ToString().Trim());
        try
        {
            await ReadAsync();
            Problem = Value(PageKey) is { } page && !(int.TryParse(page, out var number) && number > 0)
                ? $"page = {page}: must be 1 or more."
                : null;
        }
        catch (NodeException e) when (e.Kind == OutcomeKind.Invalid)
        {
            Problem = e.Message;
        }
    }

    /// <summary>The page and the order in the address.</summary>
    /// <param name="columns">The columns that the page's table can be sorted by.</param>
    private protected Paging PagingOf<TRow>(IEnumerable<TableColumn<TRow>> columns) => new()
    {
        Page = int.TryParse(Value(PageKey), out var page) && page > 0 ? page : 1,
        Sort = Sort is { } sort && columns.Any(column => column.Sort == sort) ? sort : null,
        Descending = Descending,
    };

    /// <summary>Changes a query parameter in the address, and shows the first page.</summary>
    protected Task SetAsync((string Key, string? Value) change) => GoAsync(new() { [change.Key] = change.Value, [PageKey] = null });

    /// <summary>Sorts by a column; a second call for the same column reverses the order.</summary>
    protected Task SortByAsync(string column) => GoAsync(new()
    {
        [SortKey] = column,
        [DescendingKey] = Sort == column && !Descending ? "true" : null,
        [PageKey] = null,
    });

    /// <summary>Shows a page of the list.</summary>
    protected Task GoToAsync(int page) =>
        GoAsync(new() { [PageKey] = page == 1 ? null : page.ToString(CultureInfo.InvariantCulture) });

    private Task GoAsync(Dictionary<string, object?> changes)
    {
        foreach (var key in changes.Where(change => change.Value is "").Select(change => change.Key))
        {
            changes[key] = null;
        }

        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(changes), replace: true);
        return TryRefreshAsync();
    }
}
