using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Components.Parts;

/// <summary>A page with a filtered, sorted and paged list, all of which its address keeps: a link or a reload shows the same.</summary>
public abstract class ListPage : LivePage
{
    private const string PageKey = "page";
    private const string SortKey = "sort";
    private const string DescendingKey = "descending";

    /// <summary>What the address says.</summary>
    protected IReadOnlyDictionary<string, string> Query { get; private set; } = new Dictionary<string, string>();

    /// <summary>The column that the list is sorted by, or null.</summary>
    protected string? Sort => Value(SortKey);

    /// <summary>Whether it goes from the largest to the smallest.</summary>
    protected bool Descending => Value(DescendingKey) == "true";

    /// <summary>What is wrong with the filter, or null.</summary>
    protected string? Problem { get; private set; }

    /// <summary>The address's query without the page: what an export shows, too.</summary>
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

    /// <summary>What the address says of a key, or null.</summary>
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
            Problem = Value(PageKey) is { } page && !(int.TryParse(page, out var number) && number > 0) ? $"page = {page}: must be 1 or more." : null;
        }
        catch (NodeException e) when (e.Kind == OutcomeKind.Invalid)
        {
            Problem = e.Message;
        }
    }

    /// <summary>The page that the address asks for.</summary>
    /// <param name="columns">The columns that the page's table can be sorted by.</param>
    private protected Paging PagingOf<TRow>(IEnumerable<TableColumn<TRow>> columns) => new()
    {
        Page = int.TryParse(Value(PageKey), out var page) && page > 0 ? page : 1,
        Sort = Sort is { } sort && columns.Any(column => column.Sort == sort) ? sort : null,
        Descending = Descending,
    };

    /// <summary>Changes a part of the address, and goes to the first page.</summary>
    protected Task SetAsync((string Key, string? Value) change) => GoAsync(new() { [change.Key] = change.Value, [PageKey] = null });

    /// <summary>Sorts by a column, or turns the order around.</summary>
    protected Task SortByAsync(string column) => GoAsync(new()
    {
        [SortKey] = column,
        [DescendingKey] = Sort == column && !Descending ? "true" : null,
        [PageKey] = null,
    });

    /// <summary>Goes to a page.</summary>
    protected Task GoToAsync(int page) => GoAsync(new() { [PageKey] = page == 1 ? null : page.ToString(System.Globalization.CultureInfo.InvariantCulture) });

    private Task GoAsync(Dictionary<string, object?> changes)
    {
        foreach (var key in changes.Where(change => change.Value is "").Select(change => change.Key))
        {
            changes[key] = null;
        }

        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(changes), replace: true);
        return RefreshAsync();
    }
}
