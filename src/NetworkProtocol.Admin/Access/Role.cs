namespace NetworkProtocol.Admin;

/// <summary>What a user may do.</summary>
public enum Role
{
    /// <summary>See everything, change nothing.</summary>
    Viewer,

    /// <summary>See and change everything.</summary>
    Operator,
}
