namespace NetworkProtocol.Admin;

/// <summary>A page of a list.</summary>
public sealed record PageOf<T>(
    [property: Field("The rows of this page.")] IReadOnlyList<T> Items,
    [property: Field("The number of rows on all pages.", 1234)] int Total,
    [property: Field("The number of this page; the first is 1.", 1)] int Page,
    [property: Field("The number of rows on a full page.", 50)] int Size);
