namespace NetworkProtocol.Web.Audit;

/// <summary>Stores the entries of the audit log: what users and tokens did or tried to do.</summary>
internal interface IAuditSink
{
    /// <summary>Stores an entry so that it survives the end of the process.</summary>
    /// <exception cref="IOException">
    /// The entry could not be stored: the caller must not perform the action that the entry announces.
    /// </exception>
    Task WriteAsync(string who, string from, string via, string action, string target, string result, string text, string id = "");
}
