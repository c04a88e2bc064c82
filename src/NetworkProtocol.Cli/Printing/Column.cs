namespace NetworkProtocol.Cli.Printing;

/// <summary>A column of a list.</summary>
/// <param name="Name">Its name, which is the field's name in the API's JSON: <c>--sort</c> takes the same.</param>
/// <param name="Value">What a row has in it.</param>
internal sealed record Column<T>(string Name, Func<T, object?> Value);
