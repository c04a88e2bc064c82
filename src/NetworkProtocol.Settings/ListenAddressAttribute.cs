using System.ComponentModel.DataAnnotations;
using System.Net;

namespace NetworkProtocol.Settings;

/// <summary>The text must be an IP address and a port.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListenAddressAttribute : ValidationAttribute
{
    /// <param name="examples">Valid values for the error text, as <c>0.0.0.0:8080</c>.</param>
    public ListenAddressAttribute(string examples)
        : base($"address:port, as {examples}") => Examples = examples;

    /// <summary>Valid values for the error text.</summary>
    public string Examples { get; }

    /// <summary>Whether the text may be empty, which means no address. Default false.</summary>
    public bool MayBeEmpty { get; set; }

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is string text
        && ((MayBeEmpty && text.Length == 0) || (IPEndPoint.TryParse(text, out _) && text.Contains(':', StringComparison.Ordinal)));

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => (MayBeEmpty ? "empty, or " : "") + ErrorMessageString;
}
