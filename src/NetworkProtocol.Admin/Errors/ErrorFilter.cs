namespace NetworkProtocol.Admin;

/// <summary>Selects errors: an error must match each field that is set.</summary>
public sealed record ErrorFilter
{
    /// <summary>The kind of error, as in the metric <c>errors_total</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>A part of the client's address or of the error's text.</summary>
    public string? Text { get; init; }

    /// <summary>The connection's key, as <c>node-1/42</c>.</summary>
    public string? Connection { get; init; }
}
