using System.ComponentModel.DataAnnotations;
using System.Net;

namespace NetworkProtocol.Settings;

/// <summary>The text, or each text of the list, must be a network in CIDR notation, as <c>10.0.0.0/8</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NetworkAttribute() : ValidationAttribute("a network as 10.0.0.0/8")
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is string text && IPNetwork.TryParse(text, out _);
}
