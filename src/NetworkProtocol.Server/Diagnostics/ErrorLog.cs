using System.Collections.Concurrent;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>Counts errors by kind, and keeps the last ones.</summary>
public sealed class ErrorLog(ServerMetrics metrics, TimeProvider time)
{
    /// <summary>How many errors are kept.</summary>
    public const int Capacity = 10_000;

    private readonly Ring<ErrorEntry> _recent = new(Capacity);
    private readonly ConcurrentDictionary<string, bool> _kinds = new(ErrorKinds.All.Select(kind => KeyValuePair.Create(kind, true)));

    /// <summary>
    /// All kinds of errors in alphabetical order: the library's own, and those of <see cref="Show"/> and <see cref="Add"/>.
    /// </summary>
    public IReadOnlyList<string> Kinds => [.. _kinds.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The last errors, oldest first.</summary>
    public IReadOnlyList<ErrorEntry> Recent => _recent.ToArray();

    /// <summary>
    /// Has <c>errors_total</c> show a kind as 0 before its first error. Without it <c>rate()</c> would miss the first error.
    /// </summary>
    /// <param name="kind">As in <see cref="Add"/>.</param>
    public void Show(string kind)
    {
        _kinds.TryAdd(kind, true);
        metrics.ShowError(kind);
    }

    /// <summary>Counts and keeps an error.</summary>
    /// <param name="kind">
    /// A constant of the program, and never a word that a client chose, because it becomes a label of <c>errors_total</c>.
    /// </param>
    /// <param name="connection">The connection on which the error happened.</param>
    /// <param name="text">What happened, without the contents of messages.</param>
    public void Add(string kind, Connection connection, string text)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _kinds.TryAdd(kind, true);
        metrics.Error(kind);
        connection.LastError = text;
        _recent.Add(new ErrorEntry(time.GetUtcNow(), kind, text, connection.Id, connection.RemoteEndPoint));
    }
}
