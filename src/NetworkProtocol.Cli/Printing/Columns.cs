using System.Collections;

namespace NetworkProtocol.Cli.Printing;

/// <summary>The columns of a list: all for scripts, and those that fit on a screen for people.</summary>
internal sealed record Columns<T> : IEnumerable<Column<T>>
{
    private readonly List<Column<T>> _all = [];
    private string[]? _forPeople;

    /// <summary>Makes them; a collection initializer adds the columns.</summary>
    /// <param name="forPeople">The names of the columns that people see, in this order and with spaces between them; null for all.</param>
    public Columns(string? forPeople = null) => _forPeople = forPeople?.Split(' ');

    /// <summary>The columns that people see.</summary>
    public IEnumerable<Column<T>> ForPeople => _forPeople?.Select(name => _all.Single(column => column.Name == name)) ?? _all;

    /// <summary>Adds a column: what a collection initializer calls.</summary>
    public void Add(string name, Func<T, object?> value) => _all.Add(new Column<T>(name, value));

    /// <summary>With the column that the list is sorted by, because people who sort by it want to see it.</summary>
    public Columns<T> With(string? sort) =>
        _forPeople is null || _forPeople.Contains(sort) || !_all.Exists(column => column.Name == sort)
            ? this
            : this with { _forPeople = [.. _forPeople, sort!] };

    /// <inheritdoc/>
    public IEnumerator<Column<T>> GetEnumerator() => _all.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
