namespace NetworkProtocol.Admin;

/// <summary>What a user or token may do.</summary>
public enum Role
{
    /// <summary>May see everything, and change nothing.</summary>
    Viewer,

    /// <summary>May see and change everything.</summary>
    Operator,
}
