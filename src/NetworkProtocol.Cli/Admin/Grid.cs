using System.Text.Json;

namespace NetworkProtocol.Cli.Admin;

/// <summary>A part of the API's JSON as lines of cells; columns and facts are called as the JSON's properties.</summary>
internal sealed class Grid
{
    private readonly Columns? _columns;
    private readonly IReadOnlyList<Dictionary<string, JsonElement>> _rows;

    private Grid(Columns? columns, IReadOnlyList<Dictionary<string, JsonElement>> rows)
    {
        _columns = columns;
        _rows = rows;
    }

    /// <summary>Whether it is a list, whose columns have names, and not the facts of one object.</summary>
    public bool IsList => _columns is not null;

    public bool IsEmpty => _rows.Count == 0;

    /// <summary>A list of objects.</summary>
    public static Grid Of(JsonElement list, Columns columns) =>
        new(columns, [.. list.EnumerateArray().Select(row => row.EnumerateObject().ToDictionary(property => property.Name, property => property.Value))]);

    /// <summary>One object, a property a line; those of an object inside it as <c>outer.inner</c>.</summary>
    public static Grid Facts(JsonElement fact) => new(null, [Flat(fact, "").ToDictionary()]);

    /// <summary>The columns' names; people do not see those that are empty all the way down.</summary>
    public string[] Header(bool people) => _columns is null ? ["name", "value"]
        : people ? [.. _columns.Shown.Where(name => IsEmpty || _rows.Any(row => CellText.Of(name, Value(row, name), people).Length > 0))]
        : _columns.All;

    public IEnumerable<string[]> Lines(bool people)
    {
        var header = Header(people);
        return _columns is null
            ? _rows[0].Select(fact => new[] { Printable.Of(fact.Key), CellText.Of(fact.Key, fact.Value, people) })
            : _rows.Select(row => header.Select(name => CellText.Of(name, Value(row, name), people)).ToArray());
    }

    /// <summary>Whether a column holds numbers, and so is aligned to the right.</summary>
    public bool IsNumeric(string column) => _columns is not null && _rows.Any(row => Value(row, column).ValueKind == JsonValueKind.Number);

    private static JsonElement Value(Dictionary<string, JsonElement> row, string name) => row.GetValueOrDefault(name);

    private static IEnumerable<KeyValuePair<string, JsonElement>> Flat(JsonElement fact, string prefix) => fact.EnumerateObject().SelectMany(property =>
        property.Value.ValueKind == JsonValueKind.Object
            ? Flat(property.Value, $"{prefix}{property.Name}.")
            : [new(prefix + property.Name, property.Value)]);
}
