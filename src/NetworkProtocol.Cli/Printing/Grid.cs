namespace NetworkProtocol.Cli.Printing;

/// <summary>Lines of cells: a list with a header, or the facts of one object.</summary>
/// <param name="Header">The columns' names.</param>
/// <param name="Rows">The values, in the columns' order.</param>
/// <param name="IsList">Whether it is a list, whose columns have names, and not the facts of one object.</param>
internal sealed record Grid(IReadOnlyList<string> Header, IReadOnlyList<object?[]> Rows, bool IsList = true)
{
    /// <summary>A list as scripts get it.</summary>
    public static Grid Of<T>(IEnumerable<T> rows, IEnumerable<Column<T>> columns)
    {
        var all = columns.ToArray();
        return new([.. all.Select(column => column.Name)], [.. rows.Select(row => Array.ConvertAll(all, column => column.Value(row)))]);
    }

    /// <summary>A list as people get it: without the columns that are empty in every row.</summary>
    public static Grid ForPeople<T>(IReadOnlyList<T> rows, Columns<T> columns) =>
        Of(rows, columns.ForPeople.Where(column => rows.Count == 0 || rows.Any(row => HasText(column, row))));

    /// <summary>The facts of one object, one a line.</summary>
    public static Grid Of(IEnumerable<(string Name, object? Value)> facts) =>
        new(["name", "value"], [.. facts.Select(fact => new[] { fact.Name, fact.Value })], IsList: false);

    /// <summary>The cells' texts, line by line.</summary>
    public IEnumerable<string[]> Lines(bool people) => Rows.Select(row => IsList
        ? [.. row.Select((value, index) => CellText.Of(Header[index], value, people))]
        : new[] { Printable.Of((string)row[0]!), CellText.Of((string)row[0]!, row[1], people) });

    /// <summary>Whether a column holds numbers, which are aligned to the right.</summary>
    public bool IsNumeric(int column) => IsList && Rows.Any(row => row[column] is double or int or long);

    private static bool HasText<T>(Column<T> column, T row) => CellText.Of(column.Name, column.Value(row), people: true).Length > 0;
}
