namespace NetworkProtocol.Hub.Values;

/// <summary>One record of a SenML pack as it stands there, before the base values of the records before it are applied.</summary>
internal struct SenMlRecord
{
    public string? BaseName { get; set; }

    public double? BaseTime { get; set; }

    public string? BaseUnit { get; set; }

    public double? BaseValue { get; set; }

    public string? Name { get; set; }

    public string? Unit { get; set; }

    public double? Value { get; set; }

    public bool? Boolean { get; set; }

    public double? Time { get; set; }

    /// <summary>Whether the record has a text, bytes or a sum, none of which becomes a number.</summary>
    public bool HasOther { get; set; }
}
